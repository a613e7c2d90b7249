"""What draws have to prove: documents, and the trade that bounds what is owed."""
