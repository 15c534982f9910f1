"""The store: every submission kept with who, when and its document; nothing is overwritten."""

from wdp_lib.store.dump import export_store, load_store
from wdp_lib.store.history import statements, submissions
from wdp_lib.store.keep import Store, ingest, open_store
from wdp_lib.store.receipt import Receipt

__all__ = [
    "Receipt",
    "Store",
    "export_store",
    "ingest",
    "load_store",
    "open_store",
    "statements",
    "submissions",
]
