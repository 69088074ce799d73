"""Published models of coalitions, voting, bargaining and mass action, one a file, each standing alone and checked against its source."""
