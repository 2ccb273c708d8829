// KrakenD's engine, Lura, with its own Gin router, as KrakenD runs it, without the plugins of KrakenD.
package main

import (
	"io"
	"os"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/luraproject/lura/v2/config"
	"github.com/luraproject/lura/v2/logging"
	"github.com/luraproject/lura/v2/proxy"
	router "github.com/luraproject/lura/v2/router/gin"
)

func main() {
	service, err := config.NewParser().Parse(os.Getenv("CONFIG_FILE"))
	if err != nil {
		panic(err)
	}
	if service.Port, err = strconv.Atoi(os.Getenv("PORT")); err != nil {
		panic(err)
	}
	logger, err := logging.NewLogger("ERROR", os.Stderr, "")
	if err != nil {
		panic(err)
	}
	gin.SetMode(gin.ReleaseMode)
	gin.DefaultWriter = io.Discard
	router.DefaultFactory(proxy.DefaultFactory(logger), logger).New().Run(service)
}
