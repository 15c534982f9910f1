"""Tables as departments send them, in any layout, laid long: one row a value, with its address."""

from wdp_lib.data.read.grids import Grid, parse_grids, read_grids
from wdp_lib.data.tables.lay import Laid
from wdp_lib.data.tables.meanings import Meanings
from wdp_lib.data.tables.sheet import lay_out, long_table

__all__ = ["Grid", "Laid", "Meanings", "lay_out", "long_table", "parse_grids", "read_grids"]
