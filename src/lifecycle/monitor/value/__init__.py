"""Business value: what a model brings in money, how sure that is, and how to say so to people who do not care for accuracy.

`ledger` adds up benefits and costs and says over which costs a return is taken; `campaign` is the business case of a model
that finds cases worth acting on; `sensitivity` changes one assumption at a time, `simulation` all of them at once;
`control` asks what would have happened anyway; `booking` turns decisions and their late outcomes into money by the day;
`boards` shows three audiences the same incident, and `memo` writes a page for finance.
"""

from __future__ import annotations

from lifecycle.monitor.value.boards import Board, boards_page, draw_boards
from lifecycle.monitor.value.booking import Prices, daily_value, observed_value
from lifecycle.monitor.value.campaign import Campaign
from lifecycle.monitor.value.control import incremental_effect, pilot_size
from lifecycle.monitor.value.ledger import Ledger
from lifecycle.monitor.value.memo import Memo, Plan, finance_memo
from lifecycle.monitor.value.sensitivity import breaks_even_at, scenario_table, tornado
from lifecycle.monitor.value.simulation import Distribution, Normal, Rate, Simulation, Triangular, monte_carlo

__all__ = [
    "Board", "Campaign", "Distribution", "Ledger", "Memo", "Normal", "Plan", "Prices", "Rate", "Simulation",
    "Triangular", "boards_page", "breaks_even_at", "daily_value", "draw_boards", "finance_memo", "incremental_effect",
    "monte_carlo", "observed_value", "pilot_size", "scenario_table", "tornado",
]  # fmt: skip
