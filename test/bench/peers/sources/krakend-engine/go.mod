module bench/krakend-engine

go 1.24

require github.com/luraproject/lura/v2 v2.10.0
