// Runs the search of an exported site outside of a browser: node search_in_node.js SITE QUERY prints the pages found.
'use strict';
const fs = require('fs'), path = require('path'), vm = require('vm');
const [site, query] = process.argv.slice(2);

function element(name) {
  return {
    name, children: [], hidden: false, text: '',
    set textContent(value) { this.children = []; this.text = value; },
    get textContent() { return this.text; },
    appendChild(child) { this.children.push(child); return child; },
    addEventListener() {}, focus() {},
    querySelector() { return null; },
  };
}

const parts = { hits: element('ol'), found: element('p'), more: element('button') };
const box = Object.assign(element('input'), { value: query, form: element('form') });
const context = vm.createContext({
  URLSearchParams, Promise, console,
  location: { search: '?q=' + encodeURIComponent(query) },
  history: { replaceState() {} },
  document: {
    readyState: 'complete',
    currentScript: { src: 'site:/assets/search.js' },
    createElement: element,
    createTextNode: (text) => ({ text }),
    getElementById: (id) => parts[id],
    querySelector: () => box,
    querySelectorAll: () => [],
    addEventListener() {},
    head: {
      appendChild(script) {
        const file = path.join(site, script.src.replace('site:/', '').replace(/\?.*$/, ''));
        setImmediate(() => {
          vm.runInContext(fs.readFileSync(file, 'utf8'), context, { filename: file });
          script.onload();
        });
      },
    },
  },
});
vm.runInContext(fs.readFileSync(path.join(site, 'assets/search.js'), 'utf8'), context);
const links = (node) => (node.href ? [node.href] : []).concat(...(node.children || []).map(links));
// When nothing is left to be done.
process.on('beforeExit', () => { process.stdout.write(JSON.stringify(links(parts.hits))); });
