"""Simulations that say whether what the pages promise of their intervals is so; a command reruns each."""
