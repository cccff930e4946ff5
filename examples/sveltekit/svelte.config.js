// Name an adapter here before you deploy: https://svelte.dev/docs/kit/adapters
export default {};
