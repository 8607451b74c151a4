"""The pages: widgets and layout.

``main``       the pages and their order, what frames every page
``read``       films in, findings and heatmaps out
``evaluate``   a validation run examined; its words, view and table in ``evaluate_*``
``lightbox``   the films of one session (no Streamlit)
``wording``    numbers and facts of a reading in words (no Streamlit)
``reader``     the one predictor of the process, and the runs made with its checkpoint

Page files have names no package has: Streamlit puts their folder on the path.
"""
