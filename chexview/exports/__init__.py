"""What leaves the app as files.

``registry``  the forms in which readings leave, for the pages and the command line; ``records`` their plain data
``dicom_report``, ``dicom_presentation``, ``dicom_capture``, ``dicom_map``  one film's results as DICOM SR, GSPS, SC and parametric
map (``dicom_source``, ``dicom_codes``, ``outlines``, ``film_picture``, ``film_result``: their parts)
``film_report``  a film as a page of PDF, many with a summary (``scored_alike``: what such scores meant)
``bundle``    the files of one film for the patient's record or, by ``sharing`` and ``dicom_film``, for sharing
``drawing``   a figure as PNG, SVG, PDF or HTML (``axes``, ``traces``, ``style``, ``frame``: its parts)
``run_report`` a run on one page of PDF, laid out by ``sheet``; ``run_table`` and ``tables`` as CSV
"""
