//! Everything kept: statements, migrations, transactions, vault, trail, read models.
