nice; nice -n 5 nice; nice -n 5 nice -n 3 nice; nice -n 50 nice; (exec nice -n 2 sh -c nice)
