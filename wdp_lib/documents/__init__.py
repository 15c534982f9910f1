"""Documents to circulate and sign, made once of a study and written as Word and Excel."""

from wdp_lib.documents.content import Book, Document
from wdp_lib.documents.page import write_html
from wdp_lib.documents.pdf import write_pdf
from wdp_lib.documents.reports import report
from wdp_lib.documents.sheets import write_tables
from wdp_lib.documents.short import letters, summary
from wdp_lib.documents.word import write_word
from wdp_lib.documents.writing import FORMATS, write, write_all

__all__ = [
    "FORMATS",
    "Book",
    "Document",
    "letters",
    "report",
    "summary",
    "write",
    "write_all",
    "write_html",
    "write_pdf",
    "write_tables",
    "write_word",
]
