"""An archive that is larger than one machine, read on a Ray cluster (extra ``cluster``).

``chexview.cluster.archive_reading``   files to batches, batches to actors, over machines and GPUs
``chexview.cluster.result_table``      what came of films as rows of Parquet, batch by batch, none lost or doubled
"""
