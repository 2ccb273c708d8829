module bench/go-by-hand

go 1.22
