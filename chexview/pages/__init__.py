"""The pages: widgets and layout.

``main``       the pages and their order, what frames every page
``read``       films in, findings and heatmaps out
               ``read_films`` the list, ``read_desk`` the viewer and the findings, ``read_about`` what is beneath
``evaluate``   a validation run examined; its words, view and tables in ``evaluate_*``
``cases``      the films behind each cell; read in ``case_films``
``wording``    numbers and facts of a reading in words (no Streamlit)
``reader``     the one predictor of the process, and the runs made with its checkpoint

Page files have names no package has: Streamlit puts their folder on the path.
"""
