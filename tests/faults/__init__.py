"""Faults put into real builds: operations that fail, power cuts, kills; and what must hold then."""
