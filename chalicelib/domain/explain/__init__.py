"""Why a number is what it is: its formula, its inputs, its settings, its engine."""
