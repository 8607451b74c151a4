"""Readings to the browser.

``chexview.viewer.scene``           what the film viewer shows, as plain data (no Streamlit)
``chexview.viewer.pixel_coding``    a film's pixels and padding as bytes, without loss (no Streamlit)
``chexview.viewer.window_presets``  windows made from a film's own range (no Streamlit)
``chexview.viewer.heatmap``         a class map over a film, as a picture (numpy, no Streamlit)
``chexview.viewer.pictures``        films and heatmaps as PNG, for galleries
``chexview.viewer.javascript``      the ES modules of ``assets`` joined for Streamlit
``chexview.viewer.mount``           the film viewer on a page
``chexview.viewer.components``      findings, films to choose from, galleries of cases
"""
