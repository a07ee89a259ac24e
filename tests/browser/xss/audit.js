// What stands in a page that could run or load; where the page's frame stands; which names its window has.
(() => {
  const wrong = [];
  const say = (why, one) => { if (wrong.length < 20) wrong.push(`${why}: ${one.outerHTML.slice(0, 160)}`); };
  const never = new Set(['iframe', 'frame', 'frameset', 'object', 'embed', 'applet', 'base', 'math', 'foreignobject', 'animate',
    'set', 'use', 'image', 'portal', 'fencedframe', 'template', 'xmp', 'plaintext', 'marquee', 'textarea', 'select', 'style', 'script', 'link', 'meta', 'form', 'input', 'button']);
  const loads = new Set(['src', 'srcset', 'href', 'xlink:href', 'action', 'formaction', 'poster', 'data', 'background', 'longdesc',
    'ping', 'manifest', 'lowsrc', 'dynsrc', 'profile', 'codebase', 'classid', 'usemap', 'imagesrcset', 'srcdoc']);
  const own = url => url.origin === location.origin || (location.protocol === 'file:' && (url.protocol === 'file:' || url.protocol === 'data:'));
  for (const one of document.querySelectorAll('*')) {
    const name = one.localName.toLowerCase();
    // The shell's own, and forms that stand outside of archived words.
    const ours = !one.closest('main, .masthead') || (one.closest('form, dialog') && !one.closest('.story, .embed, .post, .entries'));
    if (never.has(name) && !ours) say('an element that has no place here', one);
    if (name === 'script' && !(one.src && own(new URL(one.src)))) say('a script', one);
    if (name === 'meta' && /refresh/i.test(one.httpEquiv)) say('a refresh', one);
    for (const { name: attribute, value } of one.attributes) {
      if (/^on/i.test(attribute)) say('a handler', one);
      if (attribute === 'style' && location.protocol !== 'file:') say('a style', one);
      if (attribute === 'ping' || attribute === 'srcdoc' || attribute === 'formaction') say(attribute, one);
      if (!loads.has(attribute.toLowerCase())) continue;
      let url;
      try { url = new URL(value, document.baseURI); } catch { if (name !== 'a') say('an address that is none', one); continue; }
      const leads = name === 'a' && attribute === 'href';
      if (leads ? !own(url) && !['http:', 'https:', 'mailto:'].includes(url.protocol) : !own(url)) say(`${attribute} leads out`, one);
    }
  }
  scrollTo(0, 0);
  const box = (selector, parts) => {
    const one = document.querySelector(selector);
    if (!one) return null;
    const found = one.getBoundingClientRect();
    return parts.map(part => Math.round(found[part]));
  };
  const links = [...document.querySelectorAll('body > header a, body > header input, body > header button')];
  const covered = links.filter(one => {
    const { x, y, width, height } = one.getBoundingClientRect();
    if (!width || x + width / 2 > innerWidth || y + height / 2 > innerHeight) return false;
    const top = document.elementFromPoint(x + width / 2, y + height / 2);
    return top && !one.contains(top) && !top.contains(one);
  });
  covered.forEach(one => say('covered', one));
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) {
    const out = [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth + 1);
    wrong.push(`${wide} px too wide`);
    out.slice(0, 2).forEach(one => say('too wide', one));
  }
  const main = document.querySelector('main')?.getBoundingClientRect(), foot = document.querySelector('body > footer')?.getBoundingClientRect();
  if (main && foot && foot.top < main.bottom - 1) wrong.push('the foot stands inside the main part');
  return {
    wrong,
    frame: { head: box('body > header', ['x', 'y', 'width', 'height']), main: box('main', ['x', 'width']), foot: box('body > footer', ['x', 'width']) },
    globals: Object.getOwnPropertyNames(window).sort().join(' '),
  };
})()
