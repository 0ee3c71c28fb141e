package peers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Browser is a headless Chromium with one page, driven by the DevTools
// protocol over a pipe.
type Browser struct {
	cmd     *exec.Cmd
	in      *os.File
	answers chan reply
	dir     string
	id      int
	session string
}

type reply struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// StartBrowser starts Chromium with an empty page; Stop ends it.
func StartBrowser(language string) (*Browser, error) {
	dir, err := os.MkdirTemp("", "belay-chromium-")
	if err != nil {
		return nil, err
	}
	ours, theirs, err := pipes()
	if err != nil {
		return nil, err
	}
	b := &Browser{in: ours[1], dir: dir, answers: make(chan reply, 16)}
	b.cmd = exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars", "--lang="+language,
		"--accept-lang="+language, "--user-data-dir="+dir, "--remote-debugging-pipe", "about:blank")
	b.cmd.ExtraFiles = theirs
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start chromium: %w", err)
	}
	for _, f := range theirs {
		f.Close()
	}
	go b.read(ours[0])
	return b, b.attach()
}

// pipes makes the two pipes: ours to read and write, and theirs.
func pipes() (ours, theirs []*os.File, err error) {
	toRead, toWrite, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	fromRead, fromWrite, err := os.Pipe()
	return []*os.File{fromRead, toWrite}, []*os.File{toRead, fromWrite}, err
}

// read takes what Chromium says: JSON objects, each ended by a zero octet.
func (b *Browser) read(from *os.File) {
	defer close(b.answers)
	r := bufio.NewReader(from)
	for {
		data, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var a reply
		if json.Unmarshal(data[:len(data)-1], &a) == nil && a.ID != 0 {
			b.answers <- a
		}
	}
}

func (b *Browser) attach() error {
	var targets struct {
		TargetInfos []struct{ TargetID, Type string } `json:"targetInfos"`
	}
	if !Until(20*time.Second, func() bool {
		err := b.call("Target.getTargets", nil, &targets)
		return err == nil && len(targets.TargetInfos) > 0
	}) {
		return errors.New("chromium shows no page")
	}
	for _, t := range targets.TargetInfos {
		if t.Type == "page" {
			var attached struct{ SessionID string }
			err := b.call("Target.attachToTarget", map[string]any{"targetId": t.TargetID, "flatten": true}, &attached)
			b.session = attached.SessionID
			return err
		}
	}
	return errors.New("chromium shows no page")
}

// call sends a command and waits for its answer.
func (b *Browser) call(method string, params map[string]any, result any) error {
	b.id++
	command := map[string]any{"id": b.id, "method": method, "params": params}
	if params == nil {
		command["params"] = map[string]any{}
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	data, err := json.Marshal(command)
	if err != nil {
		return err
	}
	if _, err := b.in.Write(append(data, 0)); err != nil {
		return fmt.Errorf("chromium: %s: %w", method, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		select {
		case a, ok := <-b.answers:
			switch {
			case !ok:
				return fmt.Errorf("chromium: %s: it ended", method)
			case a.ID != b.id:
				continue
			case a.Error != nil:
				return fmt.Errorf("chromium: %s: %s", method, a.Error.Message)
			case result == nil:
				return nil
			}
			return json.Unmarshal(a.Result, result)
		case <-ctx.Done():
			return fmt.Errorf("chromium: %s: no answer", method)
		}
	}
}

// Open goes to an address and waits until it is loaded.
func (b *Browser) Open(url string) error {
	if err := b.call("Page.navigate", map[string]any{"url": url}, nil); err != nil {
		return err
	}
	return b.Wait("location.href != 'about:blank' && document.readyState == 'complete'", 20*time.Second)
}

// Eval runs an expression in the page and reads its value into result (nil:
// not wanted).
func (b *Browser) Eval(expression string, result any) error {
	var answer struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	err := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if err != nil {
		return err
	}
	if e := answer.ExceptionDetails; e != nil {
		return fmt.Errorf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	if result == nil || answer.Result.Value == nil {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, result)
}

// Wait waits until an expression is true.
func (b *Browser) Wait(expression string, limit time.Duration) error {
	var err error
	if Until(limit, func() bool {
		var yes bool
		err = b.Eval("!!("+expression+")", &yes) // a page that is just being left answers with an error
		return err == nil && yes
	}) {
		return nil
	}
	var text string
	b.Eval("document.body.innerText", &text)
	return fmt.Errorf("after %s it is not so that %s (%v); the page reads:\n%s", limit, expression, err, text)
}

// Press presses and lets go of a key: "Tab", "Enter".
func (b *Browser) Press(key string) error {
	code := map[string]int{"Tab": 9, "Enter": 13}[key]
	down := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
	if key == "Enter" {
		down["text"] = "\r"
	}
	if err := b.call("Input.dispatchKeyEvent", down, nil); err != nil {
		return err
	}
	return b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
}

// Window sets the size of the page, as a phone's or a desk's.
func (b *Browser) Window(width, height int, phone bool) error {
	return b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 2, "mobile": phone}, nil)
}

// Scripts switches scripts off or on again, for pages opened from now on.
func (b *Browser) Scripts(on bool) error {
	return b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": !on}, nil)
}

// Names are the accessible names of everything with a role ("button").
func (b *Browser) Names(role string) ([]string, error) {
	var tree struct {
		Nodes []struct {
			Ignored    bool
			Role, Name struct{ Value any }
		}
	}
	if err := b.call("Accessibility.getFullAXTree", nil, &tree); err != nil {
		return nil, err
	}
	var names []string
	for _, n := range tree.Nodes {
		if !n.Ignored && n.Role.Value == role {
			names = append(names, fmt.Sprint(n.Name.Value))
		}
	}
	return names, nil
}

// Stop ends the browser and removes its files.
func (b *Browser) Stop() {
	syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	b.cmd.Wait()
	b.in.Close()
	os.RemoveAll(b.dir)
}
