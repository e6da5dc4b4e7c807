// A client inside a sandbox with Go's own resolver and Go's own system calls, built without cgo.
//
//	raw URL|HOST:PORT ...
//
// Fetches each URL, or connects and says what the service sent first; prints one line each.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func fetch(url string) (string, error) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func greeting(address string) (string, error) {
	one, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return "", err
	}
	defer one.Close()
	text := make([]byte, 7)
	_, err = io.ReadFull(one, text)
	return string(text), err
}

func main() {
	for _, word := range os.Args[1:] {
		act := greeting
		if strings.Contains(word, "://") {
			act = fetch
		}
		text, err := act(word)
		if err != nil {
			text = "error " + err.Error()
		}
		fmt.Println(strings.TrimSpace(text))
	}
}
