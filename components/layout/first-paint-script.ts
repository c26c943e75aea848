export const THEME_KEY = "culvert-theme";
export const RAIL_KEY = "culvert-rail";

/**
 * Runs before the first paint, so that neither theme nor rail flashes.
 *
 * Plain text: it stands inline in the document, before any bundle.
 */
export const FIRST_PAINT_SCRIPT = `(function(){try{var d=document.documentElement,t=localStorage.getItem("${THEME_KEY}");var dark=t==="dark"||(t!=="light"&&matchMedia("(prefers-color-scheme: dark)").matches);d.dataset.theme=dark?"dark":"light";if(localStorage.getItem("${RAIL_KEY}")==="collapsed")d.dataset.rail="collapsed"}catch(e){}})()`;
