"""What a folder of records holds: schema, shards, description."""
