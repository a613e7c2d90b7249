"""Stock: goods in and out as warehouses report them, compared with warehouse receipts."""
