"""The assignment: which of the eligible pairs are made, so that every limit holds and the objective is largest."""
