"""Simplified: chains become sums and dot products, and operations that can run together are put together."""
