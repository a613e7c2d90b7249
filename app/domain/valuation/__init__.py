"""What goods are worth: a value, a grade and a haircut from sales and stock movements.

The modules of this folder are pure: whole numbers in, whole numbers out, no input or output, so
that anyone can work a posted price out again, bit for bit. `studies` reads files and draws.
"""
