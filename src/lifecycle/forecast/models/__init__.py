"""Forecasters: those that take no thought, and those that fit something.

`baselines` has the ones that any other has to beat. `smoothing`, `arima` and `additive` (Prophet) fit; `holidays` names the
days on which people behave otherwise; `default` chooses for a series that nobody has looked at.
"""
