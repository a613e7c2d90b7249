"""Stock: what warehouses say went in and out, held against the receipts that are outstanding."""
