"""Documents to circulate and sign, made of what the notebook of a report shows."""

from wdp_lib.documents.content import Document, read_document
from wdp_lib.documents.word import write_word

__all__ = ["Document", "read_document", "write_word"]
