"""What leaves the app as files.

``registry``  the forms in which readings leave, for the pages and the command line; ``records`` their plain data
``drawing``   a figure as PNG, SVG, PDF or HTML (``axes``, ``traces``, ``style``, ``frame``: its parts)
``run_report`` a run on one page of PDF, laid out by ``sheet``; ``run_table`` and ``tables`` as CSV
"""
