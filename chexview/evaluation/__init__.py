"""Validation runs to numbers: numpy, scipy, pandas and pyarrow; no torch, no plotly, no Streamlit.

``run``            the stored run: load, list, write, select one finding's films (``meta``, ``table``, ``selection``, ``composite``)
``curves``         ROC and precision-recall curves and the areas under them
``intervals``      areas and shares with 95 % intervals (``bootstrap``, ``delong``, ``estimate``)
``performance``    every finding of a list, and their mean
``summary``        one line a finding of a list
``comparison``     two runs on the same films
``operating``      policies and the thresholds they choose
``thresholds``     which thresholds a finding is offered, and from where
``confusion``      counts and rates at a threshold, and the films behind them
``calibration``    Platt scaling (``platt``), reliability, films scored alike
``checksums``      what a split, a table or a file is, in SHA-256
"""
