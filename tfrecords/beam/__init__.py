"""``prepare`` on any runner of Apache Beam, for collections too large for one machine."""
