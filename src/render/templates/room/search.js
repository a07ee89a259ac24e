// The search of a static site, without a server and from file://, where nothing may be fetched: the index is scripts
// that hand their data over. All of it is archived text from strangers: it is only ever written as text.
'use strict';
var embalmSearch = (function () {
  var SHOWN = 20, WORD_CHARS = 40;
  var DENSE = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}' +
    '\\p{Script=Khmer}\\p{Script=Myanmar}\\u3005\\u30fc';
  var RUN = new RegExp('([' + DENSE + ']+)|((?:(?![' + DENSE + '])[\\p{Alphabetic}\\p{M}\\p{N}])+)', 'gu');
  var ACCENTS = new RegExp('[\\u0300-\\u036f\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7' +
    '\\u064b-\\u065f\\u0670\\u0640]+', 'g');
  var base = document.currentScript.src.replace(/search\.js(\?.*)?$/, 'search/');
  var contents = null, words = new Map(), documents = new Map(), waiting = new Map();
  var asked = 0, shown = 0, hits = [], terms = [];

  // The same folding as that of the index.
  function fold(text) {
    return text.normalize('NFKD').replace(ACCENTS, '').toLowerCase().replace(/ς/g, 'σ').normalize('NFC');
  }

  // What is asked: each a word, or the beginning of one where more of it may follow.
  function ask(text) {
    var found = [], match, folded = fold(text);
    RUN.lastIndex = 0;
    while ((match = RUN.exec(folded))) {
      if (match[1]) {
        var run = Array.from(match[1]);
        for (var at = 0; at + 1 < run.length; at++) found.push({ word: run[at] + run[at + 1], open: false });
        if (run.length === 1) found.push({ word: run[0], open: true });
      } else {
        var word = Array.from(match[2]).slice(0, WORD_CHARS).join('');
        found.push({ word: word, open: RUN.lastIndex === folded.length });
      }
    }
    return found.slice(0, 12);
  }

  function load(name) {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise(function (done, failed) {
        var script = document.createElement('script');
        script.src = base + name + (contents ? '?v=' + contents.version : '');
        script.onload = done;
        script.onerror = function () { waiting.delete(name); failed(new Error(name)); };
        document.head.appendChild(script);
      }));
    }
    return waiting.get(name);
  }

  // JavaScript compares text by UTF-16, the index is sorted by code points.
  function less(one, other) {
    var a = Array.from(one), b = Array.from(other);
    for (var at = 0; at < a.length && at < b.length; at++) {
      if (a[at] !== b[at]) return a[at].codePointAt(0) < b[at].codePointAt(0);
    }
    return a.length < b.length;
  }

  // The files that may hold a word, or words that begin with it.
  function filesOf(term) {
    var first = contents.first_words, files = [], at = 0;
    while (at + 1 < first.length && !less(term.word, first[at + 1])) at++;
    for (; at < first.length; at++) {
      if (files.length && !(term.open && first[at].startsWith(term.word))) break;
      files.push(at);
    }
    return files.slice(0, 8);
  }

  // Documents with the term, and how much it says of each.
  function occurrences(term) {
    var found = new Map();
    filesOf(term).forEach(function (file) {
      var text = words.get(file) || '', at = text.startsWith(term.word) ? 0 : text.indexOf('\n' + term.word) + 1;
      if (at === 0 && !text.startsWith(term.word)) return;
      for (;;) {
        var end = text.indexOf('\n', at), line = text.slice(at, end < 0 ? text.length : end), space = line.indexOf(' ');
        var word = line.slice(0, space);
        if (!word.startsWith(term.word) || (!term.open && word !== term.word)) break;
        var last = 0, places = line.slice(space + 1).split(',');
        var weight = Math.log(1 + contents.documents / places.length) * (word === term.word ? 2 : 1);
        places.forEach(function (place) {
          var title = place.endsWith('!');
          last += parseInt(place, 36);
          found.set(last, Math.max(found.get(last) || 0, weight * (title ? 3 : 1)));
        });
        if (end < 0) break;
        at = end + 1;
      }
    });
    return found;
  }

  function find(found) {
    var all = found.map(occurrences).sort(function (one, other) { return one.size - other.size; });
    var ranked = [];
    (all[0] || new Map()).forEach(function (weight, number) {
      for (var at = 1; at < all.length; at++) {
        if (!all[at].has(number)) return;
        weight += all[at].get(number);
      }
      ranked.push([weight, number]);
    });
    ranked.sort(function (one, other) { return other[0] - one[0] || one[1] - other[1]; });
    return ranked.map(function (one) { return one[1]; });
  }

  function element(name, text, className) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  // The text with the words asked for marked.
  function marked(into, text) {
    text.split(/([\p{Alphabetic}\p{M}\p{N}]+)/u).forEach(function (part, nth) {
      var folded = nth % 2 ? fold(part) : '';
      var hit = folded && terms.some(function (term) {
        return term.open ? folded.startsWith(term.word) : folded === term.word;
      });
      into.appendChild(hit ? element('mark', part) : document.createTextNode(part));
    });
    return into;
  }

  function line(row) {
    var item = element('li', '', 'entry'), title = element('p', '', 'title'), link = element('a');
    var about = element('p', '', 'kicker');
    // Pages of this site alone: the index names them.
    link.href = /^[a-z0-9_.\/-]+$/.test(row[0]) && row[0].indexOf('//') < 0 && row[0][0] !== '/' ? row[0] : 'index.html';
    link.dir = 'auto';
    marked(link, row[1]);
    title.appendChild(link);
    about.appendChild(element('bdi', row[2]));
    if (row[3]) about.appendChild(document.createTextNode((row[2] ? ' · ' : '') + row[3]));
    if (row[5]) {
      about.appendChild(document.createTextNode(' · '));
      about.appendChild(element('span', row[5], 'state gone'));
    }
    item.appendChild(about);
    item.appendChild(title);
    if (row[4]) {
      var words = element('p', '', 'summary');
      words.dir = 'auto';
      item.appendChild(marked(words, row[4]));
    }
    return item;
  }

  function show() {
    var turn = asked, next = hits.slice(shown, shown + SHOWN), list = document.getElementById('hits');
    var files = new Set(next.map(function (number) { return Math.floor(number / contents.documents_a_file); }));
    return Promise.all(Array.from(files, function (file) { return load('d' + file + '.js'); })).then(function () {
      if (turn !== asked) return;
      next.forEach(function (number) {
        var rows = documents.get(Math.floor(number / contents.documents_a_file));
        var row = rows && rows[number % contents.documents_a_file];
        if (row) list.appendChild(line(row));
      });
      shown += next.length;
      document.getElementById('more').hidden = shown >= hits.length;
    });
  }

  function say(text) { document.getElementById('found').textContent = text; }

  function search(text) {
    var turn = ++asked;
    var list = document.getElementById('hits');
    document.getElementById('more').hidden = true;
    terms = ask(text);
    if (!terms.length) {
      list.textContent = '';
      say('Write words to look for; all of them are found, in any form of their letters.');
      return;
    }
    (contents ? Promise.resolve() : load('index.js')).then(function () {
      var files = new Set();
      terms.forEach(function (term) { filesOf(term).forEach(function (file) { files.add(file); }); });
      return Promise.all(Array.from(files, function (file) { return load('w' + file + '.js'); }));
    }).then(function () {
      if (turn !== asked) return;
      hits = find(terms);
      shown = 0;
      list.textContent = '';
      say(hits.length === 0 ? 'Nothing found.' : hits.length === 1 ? '1 found.' : hits.length + ' found, best first.');
      return show();
    }).catch(function () {
      if (turn === asked) say('The search index could not be read.');
    });
  }

  function start() {
    var box = document.querySelector('form[role=search] input'), form = box && box.form;
    if (!box || !document.getElementById('hits')) return;
    box.value = new URLSearchParams(location.search).get('q') || '';
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      try { history.replaceState(null, '', '?q=' + encodeURIComponent(box.value)); } catch (refused) { /* file:// */ }
      search(box.value);
    });
    box.addEventListener('input', function () { search(box.value); });
    document.getElementById('more').addEventListener('click', function () {
      var list = document.getElementById('hits'), before = list.children.length;
      show().then(function () {
        var first = list.children[before] && list.children[before].querySelector('a');
        if (first) first.focus();
      });
    });
    // Down and up go through the hits, from the box on.
    document.addEventListener('keydown', function (event) {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      var stops = [box].concat(Array.from(document.querySelectorAll('#hits a')));
      var at = stops.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1);
      if (document.activeElement !== box && stops.indexOf(document.activeElement) < 0) return;
      if (stops[at]) { stops[at].focus(); event.preventDefault(); }
    });
    if (!box.value) box.focus();
    search(box.value);
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();

  return {
    contents: function (all) { contents = all; },
    words: function (file, text) { words.set(file, text); },
    documents: function (file, rows) { documents.set(file, rows); }
  };
})();
