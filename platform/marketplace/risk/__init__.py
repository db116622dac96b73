"""How risky an order is: rules as data, scored once, against thresholds that hold or decline."""
