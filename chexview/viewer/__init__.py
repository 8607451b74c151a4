"""Readings to the browser.

``chexview.viewer.scene``      what the film viewer shows, as plain data (no Streamlit)
``chexview.viewer.planes``     a film's pixels and padding as bytes, without loss (no Streamlit)
``chexview.viewer.presets``    windows made from a film's own range (no Streamlit)
``chexview.viewer.mount``      the film viewer on a page; its JavaScript lies in ``assets/viewer``
``chexview.viewer.components`` findings, films to choose from, galleries of cases
``chexview.viewer.overlay``    a class map over a film, as a picture (numpy, no Streamlit)
``chexview.viewer.pictures``   films and heatmaps as PNG, for galleries
"""
