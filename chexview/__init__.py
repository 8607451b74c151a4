"""CheXView: chest radiographs read by a DenseNet-121 whose heatmaps add up to its scores."""

__version__ = "0.1.0"
