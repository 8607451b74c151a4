"""Tests of chexview.films."""
