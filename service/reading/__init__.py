"""Cohort folders → cohorts, with every bad row in one report."""
