"""What a lender gives up of a loan: new terms, waivers, write-offs in part."""
