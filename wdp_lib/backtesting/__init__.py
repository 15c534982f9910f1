"""Back-tests: what the forecasts would have said in earlier years, and what came."""

from wdp_lib.backtesting.run import backtest, backtest_frame
from wdp_lib.backtesting.tables import BackTest

__all__ = ["BackTest", "backtest", "backtest_frame"]
