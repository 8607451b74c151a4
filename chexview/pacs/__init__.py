"""Films from a PACS by DICOMweb (DICOM PS3.18), and results back to it. Nothing here runs unless an address is configured.

``chexview.pacs.archive``           search, fetch, store: what a page calls
``chexview.pacs.studies``           what the server lists, as records that were checked
``chexview.pacs.bounded_session``   the connection: one server, so many bytes, so many seconds
``chexview.pacs.outgoing``          what a result must be before it is sent
"""
