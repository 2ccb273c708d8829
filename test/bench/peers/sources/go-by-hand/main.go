// Home-5 by hand in Go: net/http, encoding/json and one goroutine per call.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

const maxBytes = 1 << 21

type user struct {
	Name   string `json:"name"`
	Tier   string `json:"tier"`
	Points int64  `json:"points"`
}

type cart struct {
	Count int64 `json:"count"`
	Total int64 `json:"total"`
}

type price struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

type product struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Price price  `json:"price"`
	Image string `json:"image"`
}

type ratedProduct struct {
	product
	Rating json.Number `json:"rating"`
}

type home struct {
	User        user           `json:"user"`
	Cart        cart           `json:"cart"`
	Recommended []product      `json:"recommended"`
	Products    []ratedProduct `json:"products"`
	Unread      int64          `json:"unread"`
}

var upstream = os.Getenv("UPSTREAM")
var client *http.Client

func get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, upstream+path, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	if err != nil {
		return err
	}
	if len(body) > maxBytes {
		return fmt.Errorf("too large")
	}
	return json.Unmarshal(body, into)
}

func show(writer http.ResponseWriter, request *http.Request) {
	ctx, cancel := context.WithTimeout(request.Context(), 10*time.Second)
	defer cancel()
	var answer home
	var recommended struct{ Items []product }
	var products struct{ Items []ratedProduct }
	var notifications struct{ Unread int64 }
	calls := []struct {
		path string
		into any
	}{
		{"/users", &answer.User}, {"/cart", &answer.Cart}, {"/recs", &recommended}, {"/products", &products},
		{"/notifications", &notifications},
	}
	failures := make([]error, len(calls))
	var group sync.WaitGroup
	for index, call := range calls {
		group.Add(1)
		go func() {
			defer group.Done()
			failures[index] = get(ctx, call.path, call.into)
		}()
	}
	group.Wait()
	for _, failure := range failures {
		if failure != nil {
			writer.WriteHeader(http.StatusBadGateway)
			return
		}
	}
	answer.Recommended, answer.Products, answer.Unread = recommended.Items, products.Items, notifications.Unread
	body, err := json.Marshal(answer)
	if err != nil {
		writer.WriteHeader(http.StatusInternalServerError)
		return
	}
	writer.Header().Set("content-type", "application/json")
	_, _ = writer.Write(body)
}

func main() {
	connections, _ := strconv.Atoi(os.Getenv("CONNECTIONS"))
	client = &http.Client{Transport: &http.Transport{
		MaxIdleConns: connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
		DisableCompression: true,
	}}
	http.HandleFunc("/home", show)
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
