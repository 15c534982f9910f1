"""Documents to circulate and sign, made once of a study and written as Word and Excel."""

from wdp_lib.documents.content import Book, Document
from wdp_lib.documents.reports import report
from wdp_lib.documents.sheets import write_tables
from wdp_lib.documents.short import letters, summary
from wdp_lib.documents.word import write_word

__all__ = ["Book", "Document", "letters", "report", "summary", "write_tables", "write_word"]
