"""The value of goods: a value, a grade and a haircut from sales and stock movements.

The modules of this folder are pure: whole numbers in, whole numbers out, no input or output. So
anyone can compute a posted price again, bit for bit. `studies` reads files and draws plots.
"""
