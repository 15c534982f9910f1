"""The store: every submission kept with who, when and its document; nothing is overwritten."""

from wdp_lib.store.keep import Store, ingest, open_store
from wdp_lib.store.receipt import Receipt

__all__ = ["Receipt", "Store", "ingest", "open_store"]
