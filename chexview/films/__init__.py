"""Bytes to :class:`~chexview.films.radiograph.Radiograph`.

``chexview.films.read.read``        what the application calls: limits, and everything else in a decoding child
``chexview.films.grey.grey``           a radiograph under one view, as one sees it
``chexview.films.pictures``            PNG, JPEG and TIFF in this process (the trainer's own, trusted pictures)
``chexview.films.radiograph``          the types that cross borders

Nothing is imported here: ``grey``, ``pictures`` and ``radiograph`` need numpy and Pillow alone.
"""
