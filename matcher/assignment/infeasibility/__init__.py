"""Where no assignment exists: which limits stand against each other, and the cheapest changes that mend it."""
